import pytest

from scanner.remediate.rewrite.config.yaml_kind import yaml_kind


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        (b".github/workflows/ci.yml", b"", "github_actions"),
        (b"app/.forgejo/workflows/ci.yaml", b"", "github_actions"),
        (b"setup/action.yml", b"", "github_actions"),
        (b"ci.yml", b"on: push\njobs:\n  a:\n", "github_actions"),
        (b".gitlab-ci.yml", b"", "gitlab_ci"),
        (b"ci/build.gitlab-ci.yml", b"", "gitlab_ci"),
        (b".gitlab/ci/build.yml", b"", "gitlab_ci"),
        (b"ci.yml", b"stages: [a]\nj:\n  script: [b]\n", "gitlab_ci"),
        (b"docker-compose.prod.yml", b"", "compose"),
        (b"deploy/Compose.yaml", b"", "compose"),
        (b"stack.yml", b"version: '3'\nservices:\n  a:\n", "compose"),
        (b"values-prod.yaml", b"", "helm"),
        (b"charts/a/templates/b.yaml", b"kind: {{ x }}", "helm"),
        (b"src/main/resources/application-dev.yml", b"", "spring"),
        (b"config.yml", b"spring:\n  a: b\n", "spring"),
        (b"group_vars/all.yml", b"", "ansible"),
        (b"roles/a/tasks/main.yml", b"", "ansible"),
        (b"site.yml", b"---\n- name: a\n  hosts: all\n", "ansible"),
        (b"deploy.yaml", b"a: 1\n---\napiVersion: v1\nkind: Pod\n", "kubernetes"),
        (b"pod.yaml", b'"kind": Pod\n"apiVersion": v1\n', "kubernetes"),
        (b"mkdocs.yml", b"site_name: a\n", "yaml"),
        (b"services.yml", b"services:\n  a: 1\n", "yaml"),
        (b"roles/a/templates/b.yml", b"a: {{ b }}\n", "yaml"),
        (b"\xff.yml", b"\xff", "yaml"),
    ],
)
def test_the_path_decides_and_then_the_keys(path: bytes, content: bytes, kind: str) -> None:
    assert yaml_kind(path, content) == kind
