"""Which apps open links themselves: the files that phones read."""

from __future__ import annotations

from engine.config import Apps

from .conftest import Api, Start

IOS = "/.well-known/apple-app-site-association"
ANDROID = "/.well-known/assetlinks.json"
FINGERPRINT = ":".join(["A1"] * 32)


def test_iphones_are_told_which_links_the_app_opens(start: Start) -> None:
    answer = start(apps=Apps(ios=("ABCDE12345.example.shop",))).get(IOS)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json == {
        "applinks": {
            "details": [{"appIDs": ["ABCDE12345.example.shop"], "components": [{"/": "/c/*"}]}]
        }
    }


def test_android_is_told_whose_certificate_the_app_has(start: Start) -> None:
    answer = start(apps=Apps(android={"example.shop": (FINGERPRINT,)})).get(ANDROID)

    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    (told,) = answer.json
    assert told["relation"] == ["delegate_permission/common.handle_all_urls"]
    assert told["target"] == {
        "namespace": "android_app",
        "package_name": "example.shop",
        "sha256_cert_fingerprints": [FINGERPRINT],
    }


def test_where_there_is_no_app_there_is_no_file(api: Api) -> None:
    assert [api.get(path).status for path in (IOS, ANDROID)] == [404, 404]
