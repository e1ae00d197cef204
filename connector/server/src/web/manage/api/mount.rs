//! The table as routes.

use super::super::auth;
use super::super::error::ApiError;
use super::super::output::Form;
use super::operation::{Operation, Version};
use super::strict;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Resource, ResponseError as _, Scope};

/// Mounts every operation; those below a version behind the key.
pub(in crate::web::manage) fn configure(config: &mut ServiceConfig) {
    for version in [Version::V1, Version::V2, Version::V3, Version::V4] {
        let form = if version == Version::V4 { Form::V4 } else { Form::V3 };
        let mut scope: Scope = web::scope(version.prefix()).app_data(form).app_data(path_faults());
        for resource in resources(super::of(version)) {
            scope = scope.service(resource);
        }
        let scope = scope.default_service(web::to(no_route));
        config.service(scope.wrap(from_fn(auth::check)));
    }
    for resource in resources(super::of(Version::Plain)) {
        config.service(resource);
    }
}

/// One resource for each path, with the methods that it has. Fixed paths come before those with parameters.
fn resources(operations: Vec<Operation>) -> Vec<Resource> {
    let mut paths: Vec<(&'static str, Vec<Operation>)> = Vec::new();
    for operation in operations {
        match paths.iter_mut().find(|(path, _)| *path == operation.path) {
            Some((_, known)) => known.push(operation),
            None => paths.push((operation.path, vec![operation])),
        }
    }
    paths.sort_by_key(|(path, _)| path.matches('{').count());
    paths.into_iter().map(|(path, operations)| resource(path, operations)).collect()
}

fn resource(path: &'static str, operations: Vec<Operation>) -> Resource {
    let methods: Vec<String> = operations.iter().map(|o| o.method.to_string()).collect();
    let allowed = methods.join(", ");
    let mut resource = web::resource(path);
    for operation in operations {
        resource = resource.route(match operation.checked_body() {
            Some(schema) => operation.route.wrap(from_fn(strict::checker(schema, operation.body_required))),
            None => operation.route,
        });
    }
    resource.default_service(web::to(move |request: HttpRequest| {
        let response = wrong_method(&request, &allowed);
        async move { response }
    }))
}

/// 405 with what is allowed.
fn wrong_method(request: &HttpRequest, allowed: &str) -> HttpResponse {
    let error = ApiError::wrong_method(request.method().as_str(), request.path(), allowed);
    let mut response = error.error_response();
    if let Ok(value) = HeaderValue::from_str(allowed) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

/// What stands in the path and cannot be one of ours is not there.
fn path_faults() -> web::PathConfig {
    web::PathConfig::default().error_handler(|fault, request| {
        ApiError::no_object(request.method().as_str(), request.path(), &fault.to_string()).into()
    })
}

async fn no_route(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    Err(ApiError::no_route(request.method().as_str(), request.path()))
}
