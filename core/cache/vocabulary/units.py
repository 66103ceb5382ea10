"""Units and number words. A unit is (dimension, factor): 60 seconds are one minute."""

from core.cache.vocabulary import words

TIME = {
    "ns": 1e-9, "nanosecond": 1e-9, "us": 1e-6, "microsecond": 1e-6, "ms": 1e-3, "msec": 1e-3,
    "millisecond": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "mins": 60.0,
    "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "d": 86400.0, "day": 86400.0, "week": 604800.0, "wk": 604800.0,
}  # fmt: skip
CALENDAR = {"month": 1.0, "quarter": 3.0, "year": 12.0, "yr": 12.0, "decade": 120.0}
BYTES = {
    "byte": 1.0, "b": 1.0, "kb": 1024.0, "kib": 1024.0, "kilobyte": 1024.0, "k": 1024.0,
    "mb": 1024.0**2, "mib": 1024.0**2, "megabyte": 1024.0**2, "meg": 1024.0**2, "m": 1024.0**2,
    "gb": 1024.0**3, "gib": 1024.0**3, "gigabyte": 1024.0**3, "gig": 1024.0**3, "g": 1024.0**3,
    "tb": 1024.0**4, "tib": 1024.0**4, "terabyte": 1024.0**4, "pb": 1024.0**5,
}  # fmt: skip
OTHER = words("percent % px pixel em rem pt kg mg lb lbs km mile cm mm inch ft foot meter metre mph")
SHORT = frozenset({"s", "h", "d", "b", "k", "m", "g", "min", "us", "em", "pt"})
"""Units only when glued to the number: "5m", never the word "m"."""

NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "lakh": 10**5, "crore": 10**7}
ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip
