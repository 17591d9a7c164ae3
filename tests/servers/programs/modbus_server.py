"""A Modbus/TCP server with a device identification, by Debian's pymodbus; run by the system's own Python.

Arguments: address, port, and for Modbus/TCP Security certificate, key and the authority of the clients' certificates.
"""

import ssl
import sys

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext
from pymodbus.device import ModbusDeviceIdentification
from pymodbus.server import StartTcpServer, StartTlsServer

about = ModbusDeviceIdentification(
    info_name={"VendorName": "Tester", "ProductCode": "T-1", "MajorMinorRevision": "3.1"}
)
device = ModbusServerContext(slaves=ModbusSlaveContext(), single=True)
place = (sys.argv[1], int(sys.argv[2]))
if len(sys.argv) == 3:
    StartTcpServer(context=device, identity=about, address=place)
else:
    certificate, key, authority = sys.argv[3:]
    security = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    security.load_cert_chain(certificate, key)
    security.verify_mode = ssl.CERT_REQUIRED
    StartTlsServer(context=device, identity=about, address=place, sslctx=security, reqclicert=True)
