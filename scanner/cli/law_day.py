"""Which day it is for the law."""

from zoneinfo import ZoneInfo

LAW_TIME_ZONE = ZoneInfo("Asia/Shanghai")
"""The day that decides which law is in force is the day in China."""
