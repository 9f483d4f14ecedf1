"""Generates contextforge/mcp/runtime/v1/*.py from the contract: python generate.py PROTO_FOLDER"""

import sys
from pathlib import Path

from grpc_tools import protoc

CONTRACT = "contextforge/mcp/runtime/v1/mcp_runtime.proto"

proto_folder = Path(sys.argv[1])
if not (proto_folder / CONTRACT).is_file():
    sys.exit(f"{proto_folder} has no {CONTRACT}: name the folder proto/ of mcp-runtime-conformance")
here = Path(__file__).parent
sys.exit(protoc.main(["protoc", f"-I{proto_folder}", f"--python_out={here}", f"--grpc_python_out={here}", CONTRACT]))
