"""The benchmark behind `python3 run.py bench`: our executors beside hand-written C and other libraries."""
