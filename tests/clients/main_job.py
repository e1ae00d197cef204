"""The main job with the PyPI client `edcpy`, against two connectors.

Each step that holds prints `step NAME`; the test that runs this knows which must come.
"""

import asyncio
import os

import httpx
from edcpy import edc_api
from edcpy.config import AppConfig
from edcpy.utils import join_url

ENV = os.environ
HOST = ENV["PROVIDER_MANAGEMENT"]
GUEST = ENV["CONSUMER_MANAGEMENT"]


def step(name):
    print(f"step {name}", flush=True)


def config_of(url, name):
    """The client's own configuration, from the variables that it documents."""
    _, host, port = url.split(":")
    return AppConfig.from_environ(
        {
            "EDC_CONNECTOR_HOST": host.strip("/"),
            "EDC_CONNECTOR_CONNECTOR_ID": name,
            "EDC_CONNECTOR_PARTICIPANT_ID": name,
            "EDC_CONNECTOR_MANAGEMENT_PORT": port,
            "EDC_CONNECTOR_MANAGEMENT_PATH": "",
            "EDC_CONNECTOR_API_KEY": ENV["KEY"],
        }
    )


async def publish(config):
    asset = await edc_api.create_asset(
        HOST, config=config, uid="tides", source_base_url=ENV["SOURCE"], source_content_type="text/csv"
    )
    assert asset["@id"] == "tides", asset
    step("assets")
    policy = await edc_api.create_policy_definition(HOST, config=config, uid="open")
    assert policy["@id"] == "open", policy
    step("policies")
    definition = await edc_api.create_contract_definition(
        HOST, config=config, uid="offer", policy_definition_id="open"
    )
    assert definition["@id"] == "offer", definition
    step("contract definitions")


async def get(config):
    controller = edc_api.ConnectorController(config=config)
    address = ENV["PROVIDER_ADDRESS"]
    catalogue = await controller.fetch_catalog(address, limit=10)
    dataset = catalogue.find_one_dataset("tides")
    assert dataset["@id"] == dataset["id"] == "tides", dataset
    assert dataset["name"] == "Name of asset tides", dataset
    step("catalogue")
    details = await controller.run_negotiation_flow(address, ENV["PROVIDER_DID"], "tides")
    assert details.asset_id == "tides" and details.contract_agreement_id
    step("negotiation")
    process = await controller.run_transfer_flow(details)
    async with edc_api.async_httpx_client(config=config) as client:
        url = join_url(GUEST, "v2", "transferprocesses", process)
        for _ in range(100):
            found = (await client.get(url)).json()
            if found["state"] == "STARTED":
                break
            await asyncio.sleep(0.1)
        assert found["state"] == "STARTED", found
        assert found["contractId"] == details.contract_agreement_id, found
        step("transfer")
        # The client waits for its own back end to be called; the same is to be had here.
        edr = (await client.get(join_url(GUEST, "v3", "edrs", process, "dataaddress"))).json()
        step("edr")
        async with httpx.AsyncClient() as plain:
            data = await plain.get(edr["endpoint"], headers={"authorization": edr["authorization"]})
            assert data.status_code == 200 and data.text == ENV["CONTENT"], data.text
            refused = await plain.get(edr["endpoint"])
            assert refused.status_code == 401, refused.status_code
        step("data")
        done = await client.post(join_url(GUEST, "v1", "transfers", process, "complete"), json={})
        assert done.status_code == 202, done.text
    await asyncio.wait_for(controller.wait_for_transfer_process(process), 15)
    step("completion")


async def main():
    await publish(config_of(HOST, "provider"))
    await get(config_of(GUEST, "consumer"))


asyncio.run(main())
