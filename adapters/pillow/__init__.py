"""Pictures with Pillow."""
