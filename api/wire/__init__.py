"""The wire contract of order intake, pure: bytes → raw orders → accepted or failed ones, and the answers' models.

body (read_body) → reading (OrderRules, read_order) → outcome (AcceptedOrder, FailedOrder) → answer. `order` has the
contract's table as models; text, number, dates, document, email_address, phone_number and identity say what is right in
a field; failure and warning put what is wrong or odd into words.
"""
