"""The CloudFormation template of a deployment, from settings and facts alone."""
