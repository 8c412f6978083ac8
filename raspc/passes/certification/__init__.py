"""The proof that a craft model is exact in a dtype: error bounds composed from the embedding to the decoded output."""
