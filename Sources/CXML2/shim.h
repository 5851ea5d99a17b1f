// Debian builds libxml2 with ICU, whose types its headers then bring in; Foundation brings in others of the
// same names, and no file could import both. Nothing here needs them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/xmlreader.h>
#include <libxml/xmlwriter.h>
#include <libxml/xmlerror.h>
