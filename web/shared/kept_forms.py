"""What happens to a form that cannot be accepted yet: its input is kept, and its sender returns to
it after the log-in or the code.

`detour` answers such a request: it keeps the fields and redirects, with the id of the kept form in
the query parameter `resume` of the page to return to. A page that is opened with it fills its form
(`refilled`) and shows a notice (`errors/_kept.html`). Nothing is sent by itself: the person sends
the form again, with the form token of the new page. docs/rules.md says what is kept, and how long.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from quart import Quart, Response, current_app, g, redirect, request, url_for
from quart.globals import request_ctx
from werkzeug.exceptions import HTTPException

from core.kept_forms import KeptForm, TypedField, WhyKept
from core.sessions import StepUpNeeded
from web.shared.access import RoleNeeded, SignInFirst, Who, access_of
from web.shared.context import now, services, viewer
from web.shared.cookies import FORM_TYPES, SAFE, StaleForm, caller, csrf_token, owner_mark
from web.shared.forms import SECRET_FIELDS, FormFields, local_path, without_secrets

PARAMETER = "resume"
LONG_TEXT = 40
"""Characters: a shorter value is a choice or a fact of the form, not a text that was typed."""
Detour = SignInFirst | StepUpNeeded | StaleForm | RoleNeeded


@dataclass
class Resumed:
    """A kept form on the page to which its sender has returned."""

    kept: KeptForm
    is_own: bool
    """Whether this account has typed it; another one does not see it."""
    used: bool = False
    """Whether the page has filled its form with it."""
    place: str = ""
    """The id of the form on the page, where it is not at the top."""

    @property
    def why(self) -> str:
        return self.kept.why.value if self.is_own else "other_account"

    @property
    def label(self) -> str:
        """What sending the form does, as its route declares it."""
        return label_of(self.kept)

    @property
    def texts(self) -> list[TypedField]:
        """Typed texts that the page has no form for, so that nothing is lost."""
        return [each for each in self.kept.fields if not self.used and len(each.text) > LONG_TEXT]


def install(app: Quart) -> None:
    app.before_request(load)
    app.after_request(remove_shown)
    app.jinja_env.globals.update(resumed=resumed)


async def load() -> None:
    """The kept form of the page that is opened, for `refilled` and the notice."""
    asked = request_ctx.request
    if not asked.query_string or asked.method not in SAFE:
        return
    form_id = asked.args.get(PARAMETER, "")
    if form_id and g.get("seed") and asked.endpoint != "static":
        kept = await services().kept_forms.find(form_id, visit=g.seed)
        if kept and (viewer() or not kept.owner) and _is_time(kept):
            g.resumed = Resumed(kept, is_own=kept.owner in ("", owner_mark()))


def _is_time(kept: KeptForm) -> bool:
    """Whether the code that the form waits for has been entered."""
    policy = services().sessions.policy
    is_verified = viewer() and g.session.recently_verified(now=now(), policy=policy)
    return kept.why is not WhyKept.STEP_UP or bool(is_verified)


async def remove_shown(response: Response) -> Response:
    """A kept form is shown once. A redirect to the page, or to its log-in, does not count."""
    shown = resumed()
    if shown and shown.is_own and response.status_code == 200 and request.method == "GET":
        await services().kept_forms.remove(shown.kept.id)
    return response


def resumed() -> Resumed | None:
    found: Resumed | None = g.get("resumed")
    return found


def refilled(*actions: str, place: str = "") -> FormFields | None:
    """What was typed in the form with one of these actions (paths), to show it in the form again;
    None if the page was not opened with such a form. For handlers of pages. `place` is the id of
    the form where it is not at the top of the page: the notice links to it."""
    found = resumed()
    if found is None or not found.is_own or found.kept.action not in actions:
        return None
    found.used, found.place = True, place
    return found.kept.first_fields


def resumed_values(name: str) -> list[str]:
    """All values of a field of the form with which the page was opened, as of check boxes."""
    found = resumed()
    if found is None or not found.is_own:
        return []
    return [each.text for each in found.kept.fields if each.name == name]


async def kept_in(target: str) -> KeptForm | None:
    """The form to which a path leads back; for the pages in between."""
    form_id = parse_qs(urlsplit(target).query).get(PARAMETER, [""])[0]
    if not form_id or not g.get("seed"):
        return None
    return await services().kept_forms.find(form_id, visit=g.seed)


def label_of(kept: KeptForm) -> str:
    """What sending the form does, as its route declares it."""
    access = access_of(current_app, _endpoint(kept.action, "POST"))  # type: ignore[arg-type]
    return access.label if access else ""


async def detour(error: Detour) -> Response:
    """To the log-in, the code, or the form itself, and back."""
    back = await way_back(error)
    if isinstance(error, StepUpNeeded):
        return _redirect(url_for("sessions.step_up", next=back))
    if isinstance(error, StaleForm) and (viewer() or g.pending or g.access.who is Who.ANYONE):
        return _redirect(back)
    if g.access.who is Who.PENDING:
        target = local_path((await request.form).get("next")) if _is_form() else ""
        return _redirect(url_for("sessions.log_in", next=target or None, late="yes"))
    return _redirect(url_for("sessions.log_in", next=back if g.access.keeps else None))


async def way_back(error: Detour) -> str:
    """The path of the page to return to, with the id of the kept form if one was sent."""
    if request.method in SAFE:
        return request.full_path.rstrip("?")
    kept = await _keep(error) if _is_form() and g.access.keeps and not g.bearer else None
    return f"{page_of_form()}?{PARAMETER}={kept.id}" if kept else page_of_form()


async def _keep(error: Detour) -> KeptForm | None:
    csrf_token()  # a visitor without a cookie gets one, which the form is kept for
    sent = list((await request.form).items(multi=True))
    secrets = any(name in SECRET_FIELDS and text for name, text in sent if name != "csrf_token")
    fields = [TypedField(n, text) for n, text in sent if n in without_secrets({n: text})]
    return await services().kept_forms.keep(
        fields,
        action=request.path,
        why=_why(error),
        caller=caller(),
        owner=g.form_owner or owner_mark(),
        incomplete=secrets or any((await request.files).values()),
    )


def _why(error: Detour) -> WhyKept:
    if isinstance(error, StepUpNeeded):
        return WhyKept.STEP_UP
    if isinstance(error, RoleNeeded):
        return WhyKept.ROLE
    if viewer() is None and g.form_owner:
        return WhyKept.LOGGED_OUT
    return WhyKept.LOG_IN if isinstance(error, SignInFirst) else WhyKept.STALE


def page_of_form() -> str:
    """The path of the page with the form that was sent: the declared page, otherwise the path of
    the form itself or of the page that sent it, if they can be opened, otherwise the home page."""
    if g.access.page:
        return _declared_page(g.access.page)
    sender = urlsplit(request.headers.get("Referer", ""))
    same_site = sender.netloc == request.host
    for path in (request.path, local_path(sender.path) if same_site else ""):
        if path and _endpoint(path, "GET"):
            return path
    return url_for("home.show")


def _declared_page(endpoint: str) -> str:
    rule = next(current_app.url_map.iter_rules(endpoint))
    values = {n: v for n, v in (request.view_args or {}).items() if n in rule.arguments}
    return url_for(endpoint, **values)


def _endpoint(path: str, method: str) -> str | None:
    adapter = current_app.create_url_adapter(request)
    assert adapter
    try:
        return str(adapter.match(path, method=method)[0])
    except HTTPException:
        return None


def _is_form() -> bool:
    return request.mimetype in FORM_TYPES


def _redirect(url: str) -> Response:
    """Also for requests of htmx, which would put the other page into the place of its target."""
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]
