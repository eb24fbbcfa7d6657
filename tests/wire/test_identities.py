import phonenumbers
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from core.email_address import match_email
from core.phone_number import match_phone
from tests.wire.orders import ABSENT, ANONYMOUS_RULES, accepted, given, only_error, raw_order

without_deadline = settings(deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("olena@example.com", "olena@example.com"),
        (" Olena.K+shop@Example.COM\n", "olena.k+shop@example.com"),
        ("o'neil@example.co.uk", "o'neil@example.co.uk"),
        ("оленка@example.com", "оленка@example.com"),
        ("OLENKA@Пошта.укр", "olenka@пошта.укр"),
        ("olenka@xn--80a1acny.xn--j1amh", "olenka@почта.укр"),
        ("olena@mail.example", "olena@mail.example"),
        ("olena", None),
        ("olena@", None),
        ("@example.com", None),
        ("olena@example", None),
        ("olena@@example.com", None),
        ("olena..k@example.com", None),
        (".olena@example.com", None),
        ("olena @example.com", None),
        ("olena@exa mple.com", None),
        ("olena@-example.com", None),
        ("olena@example-.com", None),
        ("olena@example.c0m1", None),
        ("olena@localhost", None),
        ("olena@shop.local", None),
        ("olena@shop.test", None),
        ("Olena <olena@example.com>", None),
        ("olena@example.com, petro@example.com", None),
        ("a" * 243 + "@example.com", None),
        ("olena@" + "a" * 64 + ".com", None),
    ],
)
def test_emails_are_normalised(written: str, matched: str | None) -> None:
    assert accepted(raw_order(email=written)).match_email == matched


@pytest.mark.parametrize(
    ("written", "matched"),
    [
        ("+380501234567", "+380501234567"),
        ("380501234567", "+380501234567"),
        ("0501234567", "+380501234567"),
        ("501234567", "+380501234567"),
        ("+38 (050) 123-45-67", "+380501234567"),
        (" 050 123.45.67 ", "+380501234567"),
        ("00380501234567", "+380501234567"),
        ("tel:+380501234567", None),
        ("+1 202-555-0123", "+12025550123"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+39 02 1234 5678", "+390212345678"),
        ("٠٥٠١٢٣٤٥٦٧", "+380501234567"),
        ("1-800-FLOWERS", None),
        ("+380 50 ABC 45 67", None),
        ("+38050123456", None),
        ("+3805012345678", None),
        ("0000000000", None),
        ("+999501234567", None),
        ("12", None),
        ("+", None),
        ("-", None),
        ("()", None),
        ("+" * 200, None),
        ("0501234567, 0671234567", None),
    ],
)
def test_phones_become_e164(written: str, matched: str | None) -> None:
    assert accepted(raw_order(phone=written)).match_phone == matched


def test_a_phone_may_be_a_number() -> None:
    order = accepted(raw_order(phone=380501234567))
    assert (order.given["phone"], order.match_phone) == ("380501234567", "+380501234567")


@pytest.mark.parametrize(
    ("written", "matched"),
    [("C-1", "C-1"), (" C-1 ", "C-1"), (15, "15"), ("00", "00"), ("Гість", "Гість")],
)
def test_customer_ids_are_trimmed(written: object, matched: str) -> None:
    assert accepted(raw_order(externalCustomerId=written)).match_external_id == matched


@pytest.mark.parametrize("guest", ["0", 0, "guest", "GUEST", " Guest ", "null", "None", "undefined"])
def test_a_placeholder_for_guests_is_stored_but_identifies_no_one(guest: object) -> None:
    order = accepted(raw_order(externalCustomerId=guest, email="a@example.com"))
    assert order.given["external_customer_id"] == str(guest)
    assert order.match_external_id is None
    assert order.warnings == ()


@pytest.mark.parametrize("guest", [ABSENT, None, "", " ", "0", 0, "guest", "NULL"])
def test_an_order_of_nobody_is_refused(guest: object) -> None:
    error = only_error(raw_order(externalCustomerId=guest, email=None, phone=" "))
    assert error[:2] == ("externalCustomerId", "missing_identity")


@pytest.mark.parametrize("guest", [ABSENT, None, "", "guest"])
def test_an_order_of_nobody_is_taken_where_the_account_wants_it(guest: object) -> None:
    order = accepted(raw_order(externalCustomerId=guest), ANONYMOUS_RULES)
    assert (order.match_external_id, order.match_email, order.match_phone) == (None, None, None)


@pytest.mark.parametrize(
    ("field", "value", "code"), [("email", "no address", "unusable_email"), ("phone", "no phone", "unusable_phone")]
)
def test_an_unusable_identity_is_a_warning_and_the_order_is_kept(field: str, value: str, code: str) -> None:
    order = accepted(raw_order(externalCustomerId=ABSENT, **{field: value}))
    assert order.given[field] == value
    assert (order.match_email, order.match_phone) == (None, None)
    assert [(each.code, each.field, each.external_order_id) for each in order.warnings] == [(code, field, "A-1")]


def test_identities_are_kept_as_they_were_written() -> None:
    order = given(raw_order(email=" A@Example.com ", phone="050 123 45 67", externalCustomerId=" 7 "))
    assert (order["email"], order["phone"], order["external_customer_id"]) == (
        " A@Example.com ",
        "050 123 45 67",
        " 7 ",
    )


def by_the_email_library(text: str) -> str | None:
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except (EmailNotValidError, ValueError):
        return None


def by_the_phone_library(text: str, region: str) -> str | None:
    if any(character.isalpha() for character in text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


LABELS = st.text("aZ09-x_nK\u212a", max_size=8) | st.sampled_from(
    ["com", "test", "local", "xn--80a1acny", "a" * 63, "a" * 64, "arpa", "UKR", "c0"]
)
ADDRESSES = st.builds(
    "{}@{}".format,
    st.text("aZ09.+-_'!#\"\\ <>@К\u212aİ", max_size=12) | st.sampled_from(["a" * 64, "a" * 240]),
    st.lists(LABELS, min_size=1, max_size=4).map(".".join),
)


@without_deadline
@for_all(ADDRESSES | st.emails() | st.text(max_size=20))
def test_the_short_way_of_emails_agrees_with_the_library(text: str) -> None:
    assert match_email(text) == by_the_email_library(text)


REGIONS = st.sampled_from(["UA", "US", "GB", "DE", "IT", "KZ", "AR", "MX", "BR", "XX"]) | st.sampled_from(
    sorted(phonenumbers.SUPPORTED_REGIONS)
)


@st.composite
def nearly_phones(draw: st.DrawFn) -> str:
    """An example number of some region in some writing, with a few characters changed."""
    region = draw(st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
    kind = draw(st.sampled_from([*range(11)]))
    number = phonenumbers.example_number_for_type(region, kind) or phonenumbers.example_number(region)
    assert number is not None
    text = list(phonenumbers.format_number(number, draw(st.sampled_from([0, 1, 2]))))
    for _ in range(draw(st.integers(0, 3))):
        text[draw(st.integers(0, len(text) - 1))] = draw(st.sampled_from("0123456789 +-()"))
    return "".join(text[draw(st.integers(0, 1)) :])


@without_deadline
@for_all(nearly_phones() | st.text("+0123456789 ().-/", max_size=18) | st.text(max_size=20), REGIONS)
def test_the_short_way_of_phones_agrees_with_the_library(text: str, region: str) -> None:
    assert match_phone(text, region) == by_the_phone_library(text, region)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_region_s_example_numbers_are_understood_in_every_writing(region: str) -> None:
    for kind in range(11):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            for writing in (0, 1, 2):
                text = phonenumbers.format_number(number, writing)
                assert match_phone(text, region) == by_the_phone_library(text, region)
