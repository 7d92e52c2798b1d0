// The form for one's face: shows the chosen picture before it is sent, and says at once when it is too large.
for (const form of document.querySelectorAll("[data-face]")) {
  const input = form.querySelector("[type=file]");
  const place = form.querySelector("[data-face-shown]");
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
    // Not a picture: the server says so in words.
    picture.addEventListener("error", () => place.replaceChildren(...before));
    picture.src = reader.result;
    place.replaceChildren(picture);
  });
  reader.readAsDataURL(file);
}
