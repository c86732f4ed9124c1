"""Generated requests: to single operations from the OpenAPI document, and in sequences against a model."""
