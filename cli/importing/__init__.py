"""`ordercue orders import`: files of orders, however large, each row once."""
