"""A Modbus/TCP server with a device identification, by Debian's pymodbus; run by the system's own Python."""

import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartTcpServer

about = ModbusDeviceIdentification(
    info_name={"VendorName": "Tester", "ProductCode": "T-1", "MajorMinorRevision": "3.1"}
)
StartTcpServer(
    context=ModbusServerContext(slaves=ModbusSlaveContext(), single=True),
    identity=about,
    address=(sys.argv[1], int(sys.argv[2])),
)
