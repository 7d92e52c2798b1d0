"""The state machine of `test_money_machine.py`: all users, the providers and the clock."""
