// libcmark-gfm's C interface.
#ifndef CMARK_H
#define CMARK_H

#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

#endif
