// The profile picture form: previews the chosen picture, and refuses one that is too large before it is sent.
for (const form of document.querySelectorAll("[data-avatar]")) {
  const input = form.querySelector("[type=file]");
  const place = form.querySelector("[data-avatar-shown]");
  const before = [...place.childNodes];

  input.addEventListener("change", () => {
    const file = input.files[0];
    const tooLarge = Boolean(file) && file.size > Number(input.dataset.most);
    input.setCustomValidity(tooLarge ? input.dataset.tooLarge : "");
    if (tooLarge) input.reportValidity();
    place.replaceChildren(...before);
    if (file && !tooLarge) show(file, place, before);
  });
}

function show(file, place, before) {
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    const picture = Object.assign(new Image(72, 72), { className: "avatar l", alt: "" });
    // Not a picture: the server reports the error.
    picture.addEventListener("error", () => place.replaceChildren(...before));
    picture.src = reader.result;
    place.replaceChildren(picture);
  });
  reader.readAsDataURL(file);
}
