"""What people do with the site, step by step, in a real browser."""
