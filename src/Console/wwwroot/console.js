// The few things that a browser does by itself.
window.grainflow = {
  // Copies a text; answers whether that was allowed.
  copy: async text => { try { await navigator.clipboard.writeText(text); return true; } catch { return false; } },
};
