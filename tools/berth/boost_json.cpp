// Boost.JSON, compiled here once: only its headers are needed to be installed.
#include <boost/json/src.hpp>
