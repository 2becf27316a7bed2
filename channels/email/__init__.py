"""E-mail: MIME and SMTP."""
