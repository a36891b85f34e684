// Makes an editor of the form of the SPARQL page; in a copy of the site as plain files there is none that can be sent.
if (document.getElementById("asking")) import("./workbench.js");
