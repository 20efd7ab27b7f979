"""What the integration tests share. None of it uses code of the gateway: a misreading must not be shared."""
