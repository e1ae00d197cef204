//! DCMI Metadata Terms.

vocabulary! {
    "http://purl.org/dc/terms/", "dct";
    TITLE = "title",
    DESCRIPTION = "description",
    FORMAT = "format",
    ISSUED = "issued",
    MODIFIED = "modified",
    PUBLISHER = "publisher",
    CREATOR = "creator",
    LICENSE = "license",
    RIGHTS = "rights",
    ACCESS_RIGHTS = "accessRights",
    LANGUAGE = "language",
    IDENTIFIER = "identifier",
    SPATIAL = "spatial",
    TEMPORAL = "temporal",
    SOURCE = "source",
    CONFORMS_TO = "conformsTo",
    IS_PART_OF = "isPartOf",
    HAS_PART = "hasPart",
    PROVENANCE = "provenance",
    TYPE = "type",
    SUBJECT = "subject",
    RELATION = "relation",
    IS_REPLACED_BY = "isReplacedBy",
    LICENSE_DOCUMENT = "LicenseDocument",
}
