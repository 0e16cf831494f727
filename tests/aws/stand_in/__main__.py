"""Serve the stand-in on a free loopback port, print its address, end when the input ends."""

import logging
import os
import sys
import threading

from aws.stand_in import lambda_resources, other_resources
from aws.stand_in.bucket_policies import repair_bucket_policies
from aws.stand_in.cloudformation import STACKS, CloudFormation
from aws.stand_in.faults import FAULTS, with_faults
from aws.stand_in.lambda_repairs import ENVIRONMENTS, repair_lambda
from moto.cloudformation import urls
from moto.moto_api._internal.models import MotoAPIBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

TYPES = (lambda_resources, other_resources)  # they register themselves
forget_account = MotoAPIBackend.reset


def main() -> None:
    """Serve until the process that started this one is gone."""
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    repair_lambda()
    repair_bucket_policies()
    urls.url_paths["{0}/$"] = CloudFormation.dispatch
    MotoAPIBackend.reset = reset
    application = with_faults(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True)
    os.environ["STAND_IN_URL"] = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(os.environ["STAND_IN_URL"] + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    ENVIRONMENTS.remove()


def reset(self: MotoAPIBackend) -> None:
    """Empty the account, with what moto does not know of."""
    STACKS.clear()
    FAULTS.clear()
    ENVIRONMENTS.close()
    forget_account(self)


if __name__ == "__main__":
    main()
