"use strict";
// Keeps the page as the cluster is: the server sends each part that changed, as HTML that it has escaped.
const live = document.getElementById("live");
const told = document.getElementById("told");
const ages = [["day", 86400], ["hour", 3600], ["minute", 60]];

function put(id, html) {
  const old = document.getElementById(id);
  if (!old) return;
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.firstElementChild;
  for (const open of old.querySelectorAll("details[open][id]")) {
    const same = fresh.querySelector("#" + CSS.escape(open.id));
    if (same) same.open = true;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  tell(old, fresh);
  old.replaceWith(fresh);
  date(fresh);
  if (focused) refocus(focused, fresh);
}

function refocus(focused, fresh) {
  const home = focused.closest("[id]");
  const again = home && document.getElementById(home.id);
  const same = again && (again === home || focused.id ? again : again.querySelector(focused.localName));
  if (same) same.focus({ preventScroll: true });
  else {
    fresh.tabIndex = -1;
    fresh.focus({ preventScroll: true });
  }
}

function tell(old, fresh) {
  if (old.dataset.state && fresh.dataset.state && old.dataset.state !== fresh.dataset.state) {
    const name = fresh.querySelector(".service").textContent;
    told.textContent = name + ": " + fresh.dataset.state;
  }
  if (fresh.classList.contains("card")) fresh.classList.add("changed");
}

// Times are told by their age while they are young; the moment itself is the element's title.
function date(within) {
  for (const time of within.querySelectorAll(".card time")) {
    const moment = Date.parse(time.dateTime);
    if (!time.title) time.title = time.textContent;
    const seconds = (Date.now() - moment) / 1000;
    if (!(seconds >= 0 && seconds < 7 * 86400)) continue;
    const [unit, length] = ages.find((one) => seconds >= one[1]) || ["minute", 60];
    const count = Math.floor(seconds / length);
    time.textContent = seconds < 60 ? "just now" : count + " " + unit + (count === 1 ? "" : "s") + " ago";
  }
}

function say(text, lost) {
  live.textContent = text;
  live.classList.toggle("lost-connection", lost);
}

const source = new EventSource("events?since=" + document.documentElement.dataset.revision);
source.addEventListener("part", (event) => {
  const part = JSON.parse(event.data);
  put(part.id, part.html);
});
source.addEventListener("read", (event) => say("live, read at " + event.data.slice(11, 19) + " UTC", false));
source.addEventListener("error", () => say("no connection to the dashboard; what is below may be old", true));
setInterval(() => date(document), 15000);
date(document);
