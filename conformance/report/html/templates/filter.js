(() => {
  "use strict";
  const filter = document.getElementById("filter");
  const level = document.getElementById("filter-level");
  const text = document.getElementById("filter-text");
  const count = document.getElementById("filter-count");
  const outcomes = [...filter.querySelectorAll("input[name=outcome]")];
  const cards = [...document.querySelectorAll("article.requirement")];
  const groups = [...document.querySelectorAll("section.group")];
  let words = null;
  const apply = () => {
    const wanted = new Set(outcomes.filter((box) => box.checked).map((box) => box.value));
    const sought = text.value.trim().toLowerCase();
    if (sought && !words) words = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
    let shown = 0;
    for (const card of cards) {
      card.hidden =
        !wanted.has(card.dataset.outcome) ||
        (level.value !== "" && card.dataset.level !== level.value) ||
        (sought !== "" && !words.get(card).includes(sought));
      if (!card.hidden) shown += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("article:not([hidden])");
    count.textContent = `${shown} of ${cards.length} requirements shown`;
  };
  const reset = () => {
    for (const box of outcomes) box.checked = true;
    level.value = "";
    text.value = "";
    apply();
  };
  const reveal = () => {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return;
    }
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const drawn = target.ownerSVGElement !== undefined;
    target.scrollIntoView(drawn ? { block: "center", inline: "center" } : {});
    if (target.tabIndex >= -1 && target.matches("article")) target.focus({ preventScroll: true });
  };
  filter.hidden = false;
  filter.addEventListener("input", apply);
  document.getElementById("filter-reset").addEventListener("click", reset);
  addEventListener("hashchange", reveal);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const fold of folded) fold.open = true;
  });
  addEventListener("afterprint", () => {
    for (const fold of folded) fold.open = false;
  });
  reset();
  reveal();
})();
