"""The wheel and the sdist, and an environment in which the wheel is installed."""
