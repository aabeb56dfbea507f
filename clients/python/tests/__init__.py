# Does the client keep its promises, seen from a training and from the platform?
