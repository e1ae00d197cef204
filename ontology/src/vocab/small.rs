//! Vocabularies of which only a few terms are used.

/// Friend of a Friend, for publishers.
pub mod foaf {
    vocabulary! {
        "http://xmlns.com/foaf/0.1/", "foaf";
        AGENT = "Agent",
        ORGANIZATION = "Organization",
        NAME = "name",
        HOMEPAGE = "homepage",
        MBOX = "mbox",
    }
}

/// SPDX, for checksums.
pub mod spdx {
    vocabulary! {
        "http://spdx.org/rdf/terms#", "spdx";
        CHECKSUM_CLASS = "Checksum",
        CHECKSUM = "checksum",
        ALGORITHM = "algorithm",
        CHECKSUM_VALUE = "checksumValue",
        CHECKSUM_ALGORITHM_SHA256 = "checksumAlgorithm_sha256",
    }
}

/// XML Schema datatypes.
pub mod xsd {
    vocabulary! {
        "http://www.w3.org/2001/XMLSchema#", "xsd";
        STRING = "string",
        BOOLEAN = "boolean",
        INTEGER = "integer",
        DECIMAL = "decimal",
        DOUBLE = "double",
        FLOAT = "float",
        LONG = "long",
        INT = "int",
        NON_NEGATIVE_INTEGER = "nonNegativeInteger",
        POSITIVE_INTEGER = "positiveInteger",
        DATE = "date",
        DATE_TIME = "dateTime",
        DATE_TIME_STAMP = "dateTimeStamp",
        TIME = "time",
        DURATION = "duration",
        DAY_TIME_DURATION = "dayTimeDuration",
        YEAR_MONTH_DURATION = "yearMonthDuration",
        ANY_URI = "anyURI",
        HEX_BINARY = "hexBinary",
        BASE64_BINARY = "base64Binary",
    }
}

/// RDF syntax.
pub mod rdf {
    vocabulary! {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "rdf";
        TYPE = "type",
        VALUE = "value",
        FIRST = "first",
        REST = "rest",
        NIL = "nil",
        LANG_STRING = "langString",
        JSON = "JSON",
    }
}

/// RDF Schema.
pub mod rdfs {
    vocabulary! {
        "http://www.w3.org/2000/01/rdf-schema#", "rdfs";
        LABEL = "label",
        COMMENT = "comment",
        SEE_ALSO = "seeAlso",
        SUB_CLASS_OF = "subClassOf",
        CLASS = "Class",
        RESOURCE = "Resource",
    }
}

/// schema.org.
pub mod schema {
    vocabulary! {
        "https://schema.org/", "schema";
        NAME = "name",
        DESCRIPTION = "description",
        URL = "url",
        LEI_CODE = "leiCode",
        TAX_ID = "taxID",
        ORGANIZATION = "Organization",
    }
}

/// vCard in RDF.
pub mod vcard {
    vocabulary! {
        "http://www.w3.org/2006/vcard/ns#", "vcard";
        ORGANIZATION = "Organization",
        FN = "fn",
        HAS_EMAIL = "hasEmail",
        HAS_URL = "hasURL",
        STREET_ADDRESS = "street-address",
        POSTAL_CODE = "postal-code",
        LOCALITY = "locality",
        REGION = "region",
        COUNTRY_NAME = "country-name",
    }
}

/// International Data Spaces information model.
pub mod ids {
    vocabulary! {
        "https://w3id.org/idsa/core/", "ids";
        CONNECTOR_CLASS = "Connector",
        PARTICIPANT = "Participant",
        RESOURCE = "Resource",
        PURPOSE = "Purpose",
        SECURITY_PROFILE = "securityProfile",
        CONNECTOR = "connector",
        ROLE = "role",
        USED_FOR = "usedFor",
    }
}
