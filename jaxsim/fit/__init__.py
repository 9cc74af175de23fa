"""Training: free parameters, losses, gradient descent."""
