"""The store in MongoDB, or anything that speaks its protocol: one file per collection."""
