//! Drives a page without a browser.
