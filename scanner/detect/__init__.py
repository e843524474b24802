"""findings(content): which credentials stand in some bytes, and why we think so."""
