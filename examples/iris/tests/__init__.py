# Does the example keep its progress?
