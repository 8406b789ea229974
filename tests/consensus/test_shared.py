import pytest

from tests.consensus.shared import shared_file


def test_missing_reference_data_fails_a_test_and_never_skips_it():
    with pytest.raises(pytest.fail.Exception, match="Put the reference data beside the repository"):
        shared_file("ratings", "nowhere.csv")
