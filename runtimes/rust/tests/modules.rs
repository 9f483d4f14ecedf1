//! Checks that the imports between the top-level modules of the crate have no cycle.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn module_imports_have_no_cycle() {
    let graph = read_graph(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(graph["grpc"].contains("service"), "no imports found: {graph:?}");
    assert_eq!(cycle(&graph), None);
}

#[test]
fn a_cycle_is_found() {
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for &(from, to) in edges {
            graph.entry(from.to_owned()).or_default().insert(to.to_owned());
        }
        graph
    };
    assert_eq!(cycle(&graph(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    let modules = cycle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(modules, ["b", "c"]);
    assert_eq!(
        imports("use crate::{a::{X, y}, b, c::Z};\n/// crate::d\nfn f() { crate::e::g() }"),
        ["a", "b", "c", "e"].map(str::to_owned).into()
    );
}

/// Returns the modules in import cycles and the modules between such cycles, or `None` if there are no cycles.
fn cycle(graph: &Graph) -> Option<Vec<String>> {
    let mut rest = graph.clone();
    let none = BTreeSet::new();
    loop {
        let known: Vec<String> = rest.keys().cloned().collect();
        let imported: BTreeSet<String> = rest.values().flatten().cloned().collect();
        // A module in a cycle imports a remaining module, and a remaining module imports it.
        rest.retain(|module, _| {
            let targets = graph.get(module).unwrap_or(&none);
            imported.contains(module) && targets.iter().any(|target| known.contains(target))
        });
        if rest.is_empty() {
            return None;
        }
        if rest.len() == known.len() {
            return Some(known);
        }
    }
}

fn read_graph(sources: &Path) -> Graph {
    let mut graph = Graph::new();
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(sources).unwrap().with_extension("");
            let module = inside.iter().next().unwrap().to_str().unwrap().to_owned();
            let mut targets = imports(&fs::read_to_string(&path).unwrap());
            targets.remove(&module);
            graph.entry(module).or_default().extend(targets);
        }
    }
    graph
}

/// Returns the top-level modules that a source file names after `crate::`.
fn imports(source: &str) -> BTreeSet<String> {
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: Vec<&str> = source.lines().filter(is_code).collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(name(rest));
            continue;
        };
        let mut depth = 0;
        let mut start = 0;
        for (end, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    found.insert(name(&group[start..end]));
                    start = end + 1;
                    if character == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    found.remove("");
    found
}

/// Returns the first name of a path.
fn name(path: &str) -> String {
    let path = path.trim_start();
    let end = path.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    path[..end.unwrap_or(path.len())].to_owned()
}
