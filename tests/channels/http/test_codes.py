"""Tables of codes, as they are written and as they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.fcm.adapter import CODES as FCM
from channels.http.codes import CodeTable, read_codes
from channels.outcome import FailureClass, RateLimited, Rejected, Unknown
from channels.twilio.codes import CODES as TWILIO
from channels.vonage.codes import CODES as VONAGE
from channels.whatsapp.codes import CODES as WHATSAPP


def table(folder: Path, *lines: str) -> CodeTable:
    file = folder / "codes.tsv"
    file.write_text("\n".join(["# where it is from", "", *lines]) + "\n")
    return read_codes(file)


def test_a_table_says_what_a_code_means(tmp_path: Path) -> None:
    codes = table(
        tmp_path,
        "1\tpermanent_recipient\tNo such number",
        "2\ttransient alone\tThe telephone is off",
        "3\tlimited recipient 6\tToo quick",
        "4\tunknown\tNobody knows",
    )

    assert codes.outcome("1") == Rejected(FailureClass.PERMANENT_RECIPIENT, "1", "No such number")
    assert codes.outcome("2", "is  off\n") == Rejected(
        FailureClass.TRANSIENT, "2", "is off", alone=True
    )
    assert codes.outcome("3") == RateLimited("recipient", 6.0, "3 Too quick")
    assert codes.outcome("3", after=30.0) == RateLimited("recipient", 30.0, "3 Too quick")
    assert codes.outcome("4") == Unknown("4 Nobody knows")
    assert codes.outcome("5") is None
    assert list(codes) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    "line", ["1\tsometimes\tx", "1\tlimited everybody 3\tx", "1\tlimited day\tx"]
)
def test_a_verdict_that_is_none_is_a_mistake(tmp_path: Path, line: str) -> None:
    with pytest.raises(ValueError, match=r"verdict|FailureClass"):
        table(tmp_path, line)


def test_a_code_has_one_meaning(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=":4: 1 is there twice"):
        table(tmp_path, "1\ttransient\tx", "1\tunknown\ty")


@pytest.mark.parametrize(
    ("codes", "about_one", "about_all"),
    [(TWILIO, "30003", "30017"), (VONAGE, "1180", "1331"), (WHATSAPP, "132001", "131016")],
)
def test_what_is_about_one_recipient_is_no_sign_that_the_provider_does_not_work(
    codes: CodeTable, about_one: str, about_all: str
) -> None:
    one, every = codes.outcome(about_one), codes.outcome(about_all)

    assert isinstance(one, Rejected)
    assert isinstance(every, Rejected)
    assert (one.alone, every.alone) == (True, False)


def test_no_code_of_ours_is_unclear() -> None:
    assert all(
        codes.outcome(each) is not None
        for codes in (FCM, TWILIO, VONAGE, WHATSAPP)
        for each in codes
    )
