"""Secrets in AWS Secrets Manager and Parameter Store: `aws-sm://REGION/NAME`, `ssm://REGION/PATH`."""
