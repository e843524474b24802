"""The inner loops as Cython compiles them."""
