// What a person can read of every display: its text, whether it fits, and its worst contrast.
() => {
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
    .getContext("2d", { willReadFrequently: true });

  // The browser itself computes what a colour looks like on another one.
  const paint = (colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };

  const grounds = (element) => {
    const found = [];
    for (let each = element; each; each = each.parentElement) {
      found.unshift(getComputedStyle(each).backgroundColor);
    }
    return ["white", ...found];
  };

  const luminance = (colour) => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  const contrast = (element) => {
    const style = getComputedStyle(element);
    const under = grounds(element);
    const colour = element.closest("svg") ? style.fill : style.color;
    const [one, two] = [luminance(paint([...under, colour])), luminance(paint(under))];
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  };

  const worst = (display) => {
    let found = { ratio: 21, words: "" };
    const texts = document.createTreeWalker(display, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      const element = node.parentElement;
      const isSeen = node.data.trim() && element.checkVisibility() && !element.closest("title");
      if (isSeen && contrast(element) < found.ratio) {
        found = { ratio: contrast(element), words: node.data.trim() };
      }
    }
    return found;
  };

  return [...document.querySelectorAll(".dspipe")].map((display) => {
    const area = display.closest(".jp-OutputArea-output, main") ?? display.parentElement;
    return {
      text: display.innerText,
      html: display.previousElementSibling.outerHTML + display.outerHTML,
      overflow: area.scrollWidth - area.clientWidth,
      contrast: worst(display),
      scripts: display.querySelectorAll("script, img, link, iframe").length,
    };
  });
}
