"""With the plugin switched off, nothing of it is left to see, and its data stay."""

from __future__ import annotations

from core.accounts import ERASED_NAME
from onehour.testing.plugins import application
from plugins.feedback import Feedback
from plugins.feedback.model import REVIEWS
from plugins.manager import Plugins
from tests.app import CALLER, MemoryApp
from tests.plugins.feedback.world import World
from tests.web.site import Browser, app_of


def without_plugin(world: World) -> MemoryApp:
    """The same database, as the application without plugins sees it."""
    return MemoryApp(clock=world.app.clock, store=world.app.store)


async def test_pages_panels_routes_and_ratings_are_gone(world: World) -> None:
    job = await world.approved()
    await world.from_client(job)
    await world.from_developer(job)
    app = without_plugin(world)
    visitor = Browser(app_of(app))
    profile = f"/developers/{world.developer.id}"

    _, shown = await visitor.look(profile)
    _, search = await visitor.look("/developers")
    gone = [
        (await visitor.ask("GET", path)).status_code
        for path in (f"{profile}/reviews", f"/api/v1{profile}/feedback", "/api/v1/admin/feedback")
    ]
    card = await (await visitor.ask("GET", f"/api/v1{profile}")).get_json()
    routes = {rule.endpoint.partition(".")[0] for rule in app_of(app).url_map.iter_rules()}

    assert "Clear and quick." not in shown and "Reviews" not in shown
    assert 'class="rating"' not in shown + search and "min_rating" not in search
    assert gone == [404, 404, 404]
    assert card["rating"] is None
    assert not routes & {"feedback", "feedback_reports", "api_feedback"}


async def test_what_was_written_is_there_again_when_it_is_switched_on(world: World) -> None:
    job = await world.approved()
    await world.from_client(job)
    without_plugin(world)

    await world.from_developer(job)

    assert "Clear and quick." in await world.page(f"/developers/{world.developer.id}")


async def test_what_is_stored_is_exported_and_erased_without_it(world: World) -> None:
    """The plugin is not enabled any more."""
    job = await world.approved()
    await world.from_client(job, text="I am Meera and it was clear.")
    plugins = Plugins()
    plugins.add(Feedback.lasting, "feedback", lasting=True)
    app = application(plugins, clock=world.app.clock, store=world.app.store)

    exported = await app.services.personal_data.export(world.client, CALLER)
    await app.services.personal_data.erase(world.client, CALLER)

    (review,) = exported["reviews"]
    stored = await app.store.repositories.documents(REVIEWS).get(review["id"])
    assert review["opinion"]["text"] == "I am Meera and it was clear."
    assert (stored.opinion.text, stored.author_name) == ("", ERASED_NAME)
    assert plugins.names == () and plugins.web == ()
