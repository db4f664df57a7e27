// Before the first paint: the chosen theme and direction, so that the page does not flash. A file of its own because of the CSP.
(function () {
  try {
    var root = document.documentElement;
    var theme = localStorage.getItem('jarvis.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    var locale = localStorage.getItem('jarvis.locale') || (navigator.language || 'en').slice(0, 2);
    if (locale === 'fa' || locale === 'ar') {
      root.lang = locale;
      root.dir = 'rtl';
    }
    if (localStorage.getItem('jarvis.site-theme') !== null) {
      var link = document.createElement('link');
      link.id = 'site-theme';
      link.rel = 'stylesheet';
      link.href = '/site/theme.css';
      document.head.append(link);
    }
  } catch (error) {
    // Storage may be refused; then the system's theme is used.
  }
})();
