"""Where Flet's shell for phones begins; staged beside the program by `make_mobile.py`."""

from app.ui.phone import main

if __name__ == "__main__":
    main()
