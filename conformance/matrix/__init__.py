"""The matrix: every fault and every variant of the mock, each judged as any target is. It measures the suite's own errors."""
