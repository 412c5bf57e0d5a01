"""How the application looks: colours, sizes, fonts, icons: the only place that knows them."""
