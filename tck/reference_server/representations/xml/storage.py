"""XML of volumes, snapshots, buckets and blobs."""

from __future__ import annotations

from tck.reference_server import resources as r
from tck.reference_server.representations.xml.elements import (
    Element,
    actions,
    optional,
    resource,
    tag,
    text,
    texts,
)
from tck.reference_server.site import Site


def storage_volume(volume: r.StorageVolume, site: Site) -> Element:
    mount = realm = None
    if volume.instance_id is not None:
        instance = resource("instance", site, volume.instance_id)
        mount = tag("mount", {}, instance, tag("device", {"name": volume.device or ""}))
    if volume.realm_id is not None:
        realm = resource("realm", site, volume.realm_id)
    return resource(
        "storage_volume",
        site,
        volume.id,
        text("created", volume.created),
        tag("capacity", {"unit": "GB"}, volume.capacity),
        optional("kind", volume.kind),
        text("name", volume.name if volume.name is not None else volume.id),
        optional("device", volume.device),
        realm,
        optional("realm_id", volume.realm_id),
        text("state", volume.state),
        mount,
        actions(site.volume_actions(volume)),
    )


def storage_snapshot(snapshot: r.StorageSnapshot, site: Site) -> Element:
    volume = snapshot.storage_volume_id
    return resource(
        "storage_snapshot",
        site,
        snapshot.id,
        text("name", snapshot.name if snapshot.name is not None else snapshot.id),
        text("created", snapshot.created),
        resource("storage_volume", site, volume),
    )


def bucket(bucket: r.Bucket, site: Site) -> Element:
    return resource(
        "bucket",
        site,
        bucket.id,
        text("name", bucket.name),
        text("size", len(bucket.blobs)),
        *(tag("blob", {"href": site.url("buckets", bucket.id, b), "id": b}) for b in bucket.blobs),
    )


def blob(blob: r.Blob, site: Site) -> Element:
    path = ("buckets", blob.bucket_id, blob.id)
    entries = (tag("entry", {"key": k}, v) for k, v in blob.user_metadata.items())
    return tag(
        "blob",
        {"href": site.url(*path), "id": blob.id},
        text("bucket", blob.bucket_id),
        *texts(blob, "content_length", "content_type", "last_modified"),
        tag("user_metadata", {}, *entries),
        tag("content", {"href": site.url(*path, "content"), "rel": "blob_content"}),
    )
