for(let e of document.querySelectorAll("[lf-post]")){let t=e.getAttribute("lf-post");t||e.remove();for(let[r,o]of new URLSearchParams(t??""))o?e.setAttribute(r,o):e.removeAttribute(r)}
