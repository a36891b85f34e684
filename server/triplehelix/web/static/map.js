// Makes the map that stands on the page one that can be moved and made larger. Shapes, numbers and links are read from the page:
// nothing is asked of any server.
"use strict";

(() => {
  const atlas = document.querySelector(".atlas");
  const figure = atlas?.querySelector("figure.map");
  const drawing = figure?.querySelector("svg");
  if (!drawing || !window.L) return;
  const words = atlas.dataset;
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
  const place = (x, y) => [height - y, x];

  // The path that the server writes: M or m and l with whole steps, z.
  const rings = (path) => {
    const found = [];
    let x = 0, y = 0, start = [0, 0], ring = [];
    for (const [, command, steps] of path.matchAll(/([Mmlz])([^Mmlz]*)/g)) {
      const numbers = (steps.match(/-?\d+/g) || []).map(Number);
      if (command === "z") {
        found.push(ring);
        [x, y] = start;
      }
      for (let n = 0; n < numbers.length; n += 2) {
        x = command === "M" ? numbers[n] : x + numbers[n];
        y = command === "M" ? numbers[n + 1] : y + numbers[n + 1];
        if (command !== "l") {
          start = [x, y];
          ring = [];
        }
        ring.push(place(x, y));
      }
    }
    return found;
  };

  const box = document.createElement("div");
  figure.prepend(box);
  figure.classList.add("improved");
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.label);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const bounds = L.latLngBounds(place(0, 0), place(width, height));
  const map = L.map(box, {
    crs: L.CRS.Simple, minZoom: -9, zoomSnap: 0, zoomDelta: 0.75, zoomControl: false, scrollWheelZoom: false, attributionControl: false,
    zoomAnimation: !calm, fadeAnimation: !calm, markerZoomAnimation: !calm, inertia: !calm, maxBounds: bounds.pad(0.1),
  });
  map.fitBounds(bounds);
  map.setMinZoom(map.getZoom());
  map.setMaxZoom(map.getZoom() + 4);
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  L.control.attribution({ prefix: false }).addAttribution(words.source).addTo(map);

  // What a country says when it is chosen: its name and number, and where its things are listed.
  const told = (title, code) => {
    const said = document.createElement("div");
    said.append(Object.assign(document.createElement("p"), { textContent: title }));
    const listed = document.querySelector(`tr[data-code="${CSS.escape(code)}"] td a`);
    if (listed) said.append(Object.assign(document.createElement("a"), { href: listed.href, textContent: words.list }));
    return said;
  };

  const named = (path) => path.querySelector("title").textContent;
  const text = (content) => Object.assign(document.createElement("span"), { textContent: content });

  const country = (path) => {
    const known = path.classList.contains("land");
    const shape = L.polygon(rings(path.getAttribute("d")), {
      className: path.getAttribute("class"), weight: 1, fillOpacity: 1, fillColor: known ? "none" : "url(#hatch-moved)",
      smoothFactor: 0, noClip: true,
    });
    shape.addTo(map).bindTooltip(text(named(path)), { sticky: true });
    const element = shape.getElement();
    // A tooltip makes every shape a stop of the keyboard; those without data are no use as one.
    element.setAttribute("tabindex", known ? "0" : "-1");
    if (!known) return;
    shape.bindPopup(told(named(path), path.dataset.code));
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", named(path));
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      shape.openPopup(shape.getBounds().getCenter());
      shape.getPopup().getElement().querySelector("a[href]").focus();
    });
    shape.on("popupopen", () => shape.getPopup().getElement().querySelector(".leaflet-popup-close-button")
      ?.setAttribute("aria-label", words.close));
    shape.on("popupclose", () => {
      if (shape.getPopup().getElement()?.contains(document.activeElement)) element.focus({ preventScroll: true });
    });
  };

  drawing.querySelectorAll("path[d]").forEach(country);
  const hatching = drawing.querySelector("pattern").cloneNode(true);
  hatching.id = "hatch-moved";
  hatching.setAttribute("width", "7");
  hatching.setAttribute("height", "7");
  box.querySelector(".leaflet-overlay-pane svg").prepend(hatching);
  drawing.querySelectorAll(".figures text").forEach((number) => {
    const at = place(Number(number.getAttribute("x")), Number(number.getAttribute("y")));
    const icon = L.divIcon({ className: "country", html: text(number.textContent), iconSize: null });
    L.marker(at, { icon, interactive: false, keyboard: false }).addTo(map);
  });
  // Escape closes what is open wherever the focus is in the map.
  box.addEventListener("keydown", (event) => event.key === "Escape" && map.closePopup());
})();
