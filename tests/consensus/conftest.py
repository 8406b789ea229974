"""Property tests here measure nothing: a busy machine must not fail them."""

from hypothesis import settings

BASE = settings.get_profile(settings.get_current_profile_name())
settings.register_profile("unhurried", BASE, deadline=None, max_examples=200)
settings.load_profile("unhurried")
